from django.apps import AppConfig


class CouncilsConfig(AppConfig):
    name = "governance.councils"
    label = "councils"
    verbose_name = "议事与决策"
