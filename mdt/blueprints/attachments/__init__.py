"""Files of a case: uploading, the list, documents, series and the viewer."""
