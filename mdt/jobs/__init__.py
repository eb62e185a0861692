"""Handlers of queued work, by name: a door like the views, with the worker in front of it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from mdt.jobs import images, inbox, registry, slides, storage, uploads
from mdt.rules.jobs import JobName

HANDLERS: Mapping[JobName, Callable[..., None]] = MappingProxyType(
    {
        JobName.IMAGES_PREPARE: images.prepare,
        JobName.INBOX_CLEAR: inbox.clear,
        JobName.REGISTER_CHECK: registry.check,
        JobName.REGISTER_IMPORT: registry.read_in,
        JobName.REGISTER_TEND: registry.tend,
        JobName.SLIDES_PREPARE: slides.prepare,
        JobName.STORAGE_SWEEP: storage.sweep,
        JobName.UPLOADS_CLEAR: uploads.clear,
        JobName.UPLOADS_TAKE: uploads.take,
    }
)
