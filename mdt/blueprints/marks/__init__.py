"""Marks on pictures, key images and lesions of a case."""
