"""What runs inside the sandbox: the only place where files of strangers are parsed.

Nothing outside imports these modules; `mdt.adapters.sandbox` calls them by name. Each task takes
and returns plain data (JSON and bytes) and raises `FileRefused`.
"""
