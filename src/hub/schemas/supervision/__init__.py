"""监管: what the departments that watch over trading record of a project and of those who take part."""
