"""Statistical models of melody: yardsticks for the network, memories that learn as they listen."""
