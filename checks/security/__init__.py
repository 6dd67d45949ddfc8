"""Chapter "Procedimentos de Emergência", "Incidentes de Segurança"."""
