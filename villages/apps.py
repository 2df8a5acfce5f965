from django.apps import AppConfig
from django.db.backends.signals import connection_created


class VillagesConfig(AppConfig):
    name = "villages"
    verbose_name = "村庄与人口"

    def ready(self) -> None:
        from villages.households.numbers import teach

        connection_created.connect(teach, dispatch_uid="number_key")
