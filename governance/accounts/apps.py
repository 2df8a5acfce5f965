from django.apps import AppConfig
from django.contrib.admin import apps as admin


class AccountsConfig(AppConfig):
    name = "governance.accounts"
    label = "accounts"
    verbose_name = "账号与日志"
    default = True

    def ready(self) -> None:
        from governance import earnest, guarding
        from governance.accounts import log  # noqa: F401 - connects the receivers
        from governance.accounts.second import entering  # noqa: F401 - the same

        guarding.connect()
        earnest.connect()


class HouseAdminConfig(admin.AdminConfig):
    """Django's admin on our own site; listed in INSTALLED_APPS by its full name."""

    default_site = "governance.accounts.admin_site.HouseAdminSite"
    default = False
