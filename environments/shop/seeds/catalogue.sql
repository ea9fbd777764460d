INSERT INTO categories (slug, name) VALUES
  ('audio', 'Audio'),
  ('books', 'Books'),
  ('cameras', 'Cameras'),
  ('clothing', 'Clothing'),
  ('garden', 'Garden'),
  ('gift-cards', 'Gift cards'),
  ('home', 'Home'),
  ('kitchen', 'Kitchen'),
  ('laptops', 'Laptops'),
  ('phones', 'Phones'),
  ('sport', 'Sport'),
  ('toys', 'Toys')
ON CONFLICT DO NOTHING;

INSERT INTO shipping_methods (code, name) VALUES
  ('express', 'Next day by courier'),
  ('pickup', 'Pick-up point'),
  ('standard', 'Three to five days')
ON CONFLICT DO NOTHING;
