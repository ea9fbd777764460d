wsgi_app = "shop.wsgi"
bind = "0.0.0.0:8000"
workers = 2
threads = 2
preload_app = True  # import once, then fork: half the work at start
worker_tmp_dir = "/dev/shm"
graceful_timeout = 5
accesslog = "-"
