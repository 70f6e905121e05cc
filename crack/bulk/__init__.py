"""Questions about very many photos: answered on this computer or on a cluster."""
