"""A small shop: what it sells, what it takes off, and how an order becomes a bill."""
