"""All operators whose sizes are known: importing this declares them."""

from __future__ import annotations

from . import ops_control, ops_elements, ops_products, ops_views

__all__ = ["ops_control", "ops_elements", "ops_products", "ops_views"]
