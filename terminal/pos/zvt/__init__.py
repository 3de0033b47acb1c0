"""ZVT (PA00P015, PA00P016): card terminals of the German-speaking countries and some of eastern Europe."""
