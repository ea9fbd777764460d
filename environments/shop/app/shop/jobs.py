from celery.result import AsyncResult

from shop.accounts.tokens import signed_in
from shop.celery import app


@signed_in
def show_status(request, id):
    task = AsyncResult(str(id), app=app)
    error = str(task.result) if task.failed() else None
    return 200, {"task_id": id, "status": task.status, "error": error}
