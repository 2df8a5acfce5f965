from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "governance.demo"
    verbose_name = "演示乡镇"
