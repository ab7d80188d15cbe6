"""The wire formats of the data specification V2.0: element names, the XML envelope and its JSON twin, both ways."""
