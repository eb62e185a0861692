"""One device each: plain data in, plain data out."""
