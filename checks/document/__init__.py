"""Chapter "Anexos", and the document itself."""
