"""One settings file; everything that differs by place comes from the environment, all trial-mode differences stand here.

DATABASE_URL and REDIS_URL name the real engines; without them the portal runs in trial mode on SQLite and a
filesystem broker below XIANGZHI_VAR (see docs/decisions/0001-engines.md).
"""

import secrets
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.conf import global_settings
from django.templatetags.static import static
from django.urls import reverse_lazy

from governance.menu import admin_menu
from governance.rooms import merged, rooms_of

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
VAR = Path(env.str("XIANGZHI_VAR", default=str(BASE_DIR / "var")))
VAR.mkdir(parents=True, exist_ok=True)


def _kept_secret(name: str, length: int) -> str:
    """A secret of `length` bytes in hex from the environment, else, on trial, made once and kept below var/."""
    given: str = env.str(name.upper(), default="")
    if given or env.str("DATABASE_URL", default=""):  # in earnest every machine has the same (governance/earnest.py)
        return given
    path = VAR / name
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(length), encoding="ascii")
    return path.read_text(encoding="ascii")


DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = _kept_secret("secret_key", 32)
FIELD_KEY = _kept_secret("field_key", 16)  # SM4, for ID numbers
HASH_KEY = _kept_secret("hash_key", 32)  # keyed hash by which ID numbers are found
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_FAILURE_VIEW = "governance.frame.again.token_gone"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
_tls = env.bool("BEHIND_TLS", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _tls else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SECURE_HSTS_INCLUDE_SUBDOMAINS = _tls
SECURE_REDIRECT_EXEMPT = [r"^health/$"]  # asked from inside, without TLS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _tls else 0
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # browsers' own list of HTTPS hosts is for the owner of the domain to enter

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.simple_history",
    "governance.accounts.apps.HouseAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "governance.accounts",
    "villages",
    "governance.disclosure",
    "moral_bank",
    "governance.cases",
    "governance.councils",
    "volunteers",
    "inspections",
    "governance.desk",
    "governance.demo",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    "template_partials",
    "simple_history",
    "axes",
]
ROOMS = rooms_of(INSTALLED_APPS)

MIDDLEWARE = [
    "governance.logs.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "governance.accounts.policy.PolicyMiddleware",
    "governance.accounts.middleware.AddressMiddleware",
    "governance.accounts.middleware.UnkeptMiddleware",
    "governance.frame.early.SmallMiddleware",
    "governance.accounts.middleware.NulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "governance.accounts.middleware.SessionExitMiddleware",
    "governance.frame.again.AgainMiddleware",
    "governance.accounts.middleware.FirstStepsMiddleware",
    "governance.accounts.middleware.DenialLogMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
    "governance.frame.drafts.DraftMiddleware",
    "governance.frame.input_errors.InputErrorMiddleware",
    "governance.frame.once.OnceMiddleware",
]

ROOT_URLCONF = "governance.urls"
WSGI_APPLICATION = "governance.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["governance.frame.once_tag"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "governance.desk.more.navigation",
            ],
        },
    },
]

# --- Engines -----------------------------------------------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR / 'xiangzhi.sqlite3'}")}
TRIAL = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
if TRIAL:
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536; "
            "PRAGMA temp_store=MEMORY; PRAGMA recursive_triggers=ON;"
        ),
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Its default is a spinning disk's: rows by key seem so dear that a list of 50 reads whole tables.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c random_page_cost=1.1")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def _next_database(url: str) -> str:
    """The Redis database after the one that the URL names: database 1 of the same server after 0, or after none."""
    parts = urlsplit(url)
    return parts._replace(path=f"/{int(parts.path.strip('/') or 0) + 1}").geturl()


REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL:  # the broker's; clearing a cache empties its whole database, so the cache has another
    _cache_url = env.str("CACHE_REDIS_URL", default="") or _next_database(REDIS_URL)
    _cache: dict[str, Any] = {"LOCATION": _cache_url, "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 1}}
    CACHES = {
        "default": {"BACKEND": "governance.caching.ForgivingCache", **_cache},
        "counts": {"BACKEND": "governance.caching.StrictCache", **_cache},
    }
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "visibility_timeout": 3600,
        "socket_connect_timeout": 1,
        "socket_timeout": 10,
    }
else:
    _cache = {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": VAR / "cache"}
    CACHES = {"default": _cache, "counts": _cache}
    (VAR / "broker" / "queue").mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "filesystem://localhost"
    CELERY_BROKER_TRANSPORT = "governance.file_broker:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(VAR / "broker" / "queue"),
        "data_folder_out": str(VAR / "broker" / "queue"),
        "control_folder": str(VAR / "broker" / "bindings"),
        "polling_interval": 0.1,
    }

# --- Work in the background: truth is in the database, a lost message is resent by the sweeper ----------------------
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = bool(REDIS_URL)
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker as long as it is away
CELERY_TASK_SOFT_TIME_LIMIT = env.int("TASK_SECONDS", default=600)  # then the work is told, and its row keeps the reason
CELERY_TASK_TIME_LIMIT = env.int("TASK_KILL_SECONDS", default=CELERY_TASK_SOFT_TIME_LIMIT + 60)  # then its process is killed
LONG_TASK = {"soft_time_limit": 6 * CELERY_TASK_SOFT_TIME_LIMIT, "time_limit": 6 * CELERY_TASK_TIME_LIMIT}
CELERY_BEAT_SCHEDULE = merged("beat", ROOMS)

EXPORT_BACKGROUND_ROWS = 5000  # from so many on a ledger is written by a worker, not in the request
IMPORT_BACKGROUND_ROWS = 5000  # from so many on a sheet is written, or judged anew, by a worker
IMPORT_BACKGROUND_BYTES = 350_000  # from so many on an upload is read by a worker: about 5,000 rows of a roster, 70 bytes each

# --- What leaves the portal: nothing, unless the township names a channel (sms, webhook) ------------------------------
NOTIFY_CHANNELS = env.list("NOTIFY_CHANNELS", default=[])
NOTIFY_SMS_URL = env.str("NOTIFY_SMS_URL", default="")
NOTIFY_SMS_SECRET = env.str("NOTIFY_SMS_SECRET", default="")
NOTIFY_SMS_SIGN = env.str("NOTIFY_SMS_SIGN", default="")
NOTIFY_SMS_TEMPLATES = env.dict("NOTIFY_SMS_TEMPLATES", default={})
NOTIFY_WEBHOOK_URL = env.str("NOTIFY_WEBHOOK_URL", default="")
NOTIFY_WEBHOOK_SECRET = env.str("NOTIFY_WEBHOOK_SECRET", default="")
NOTIFY_BACKENDS = {
    "sms": f"governance.accounts.outbox.{'SmsBackend' if NOTIFY_SMS_URL else 'ConsoleBackend'}",
    "webhook": "governance.accounts.outbox.WebhookBackend",
}

# --- Whoever looks after it ----------------------------------------------------------------------------------------
OPERATOR_ADDRESSES = env.list("OPERATOR_ADDRESSES", default=["127.0.0.1", "::1"])  # who may ask /health/?deep=1 and /metrics/
METRICS = env.bool("METRICS", default=False)  # /metrics/ for Prometheus
OPERATOR_TOKEN = env.str("OPERATOR_TOKEN", default="")  # or from anywhere, with "Authorization: Bearer …"

# --- People ------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "phone")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "governance.accounts.passwords.LettersAndDigitsValidator"},
    {"NAME": "governance.accounts.passwords.PastPasswordValidator"},
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "desk:home"
LOGOUT_REDIRECT_URL = "accounts:login"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", default=30 * 60)
SESSION_ABSOLUTE_SECONDS = env.int("SESSION_ABSOLUTE_SECONDS", default=12 * 3600)  # from the password on, however busy
REVEALS_PER_HOUR = env.int("REVEALS_PER_HOUR", default=20)  # whole ID numbers that one account is shown
NAMES_PER_ADDRESS = env.int("NAMES_PER_ADDRESS", default=20)  # login names that may fail from one address while a lock lasts
AXES_HANDLER = "governance.accounts.lockout.LockoutHandler"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "governance.accounts.views.locked_out"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True  # ours is kept by governance/accounts/log.py
AXES_CLIENT_IP_CALLABLE = "governance.accounts.log.client_ip"
PROXY_COUNT = env.int("PROXY_COUNT", default=0)  # trusted proxies in front, each adding to X-Forwarded-For
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_HTTP_RESPONSE_CODE = 429

# --- Words and places --------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [*global_settings.STATICFILES_FINDERS, "governance.static_files.SheetFinder"]
_collected = (STATIC_ROOT / "staticfiles.json").exists() and not DEBUG and "pytest" not in sys.modules
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "governance.static_files.HashedStaticFiles"
        if _collected or "collectstatic" in sys.argv
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not _collected  # files are found when asked for, not all at the start
MEDIA_ROOT = VAR / "media"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {  # the admin's own needs: governance/accounts/policy.py
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],  # the style sheet's symbols; photos that the phone has made small
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "governance.api.HouseTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "governance.frame.api_paging.Pages",
    "DEFAULT_SCHEMA_CLASS": "governance.api_schema.OnceSchema",
    "DEFAULT_PARSER_CLASSES": [
        "governance.api.HouseJSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "governance.frame.api_base.errors_in_chinese",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "乡治接口",
    "DESCRIPTION": "与网页同一套范围与规则：看得到什么、能做什么，由所任职务与所在单位决定。",
    "VERSION": "1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "governance.api_schema.with_refusals"],
    "ENUM_NAME_OVERRIDES": {"PeriodKind": "governance.periods.KIND_CHOICES", **merged("enums", ROOMS)},
}

UNFOLD = {
    "SITE_TITLE": "乡治",
    "SITE_HEADER": "乡治 · 管理",
    "SITE_URL": reverse_lazy("desk:home"),
    "SITE_SYMBOL": "account_balance",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("icon.svg")}],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [lambda request: static("admin.css")],
    "SCRIPTS": [lambda request: static("desk.js")],
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": admin_menu},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "governance.logs.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json" if env.bool("LOG_JSON", default=False) else "plain"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
}
