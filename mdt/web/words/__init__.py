"""The sentences for codes, one module for each feature; `mdt.web.messages` merges them."""
