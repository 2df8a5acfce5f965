"""WSGI entry for granian (WSGI on purpose: ASGI exhausts database connections)."""

import os

from django.core.wsgi import get_wsgi_application

from governance import earnest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")

earnest.refuse()
application = get_wsgi_application()
