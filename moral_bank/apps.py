from django.apps import AppConfig


class MoralBankConfig(AppConfig):
    name = "moral_bank"
    verbose_name = "道德银行"
