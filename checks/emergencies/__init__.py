"""Chapter "Procedimentos de Emergência", "Falha de Serviço"."""
