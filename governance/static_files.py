"""Static files under names with their hash, in the imports of our modules, too."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Only in our own modules: what others' minified scripts hold beside `import` is not always the name of a file."""

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("offline/*.js", CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]),
    )
