"""Remote tumour board. This package file imports nothing, so that rules load without Flask."""
