"""How far away a host is, by its name or address alone; nothing is looked up."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

# RFC 1918, RFC 4193, and both link-local ranges: what is sent there stays on networks of the user's own.
_PRIVATE: tuple[IPv4Network | IPv6Network, ...] = tuple(
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"))
)
_PRIVATE_ENDINGS = (".local", ".home.arpa")  # RFC 6762 and RFC 8375


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine by name or address, so that nothing travels over a network."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def is_private(host: str) -> bool:
    """Whether `host` is this machine, or one on a private network."""
    if is_loopback(host) or host.rstrip(".").endswith(_PRIVATE_ENDINGS):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in _PRIVATE if network.version == address.version)
