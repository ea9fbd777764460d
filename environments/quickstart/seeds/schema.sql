CREATE TABLE products (
  sku   text PRIMARY KEY,
  name  text NOT NULL,
  price numeric(10, 2) NOT NULL CHECK (price > 0) -- US dollars
);

-- Orders are also the worker's queue: it takes those that are `queued`, oldest first.
CREATE TABLE orders (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sku      text NOT NULL REFERENCES products,
  quantity integer NOT NULL CHECK (quantity > 0),
  currency char(3) NOT NULL,
  status   text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'done', 'failed')),
  total    numeric(12, 2), -- in the order's currency, once it is done
  reason   text            -- why it failed
);
CREATE INDEX ON orders (id) WHERE status = 'queued';
