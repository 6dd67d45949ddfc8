"""Chapter "Procedimentos de Emergência"."""
