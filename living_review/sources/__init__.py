"""Where records come from: PubMed through its E-utilities, PubMed's XML, and files exported from other databases."""
