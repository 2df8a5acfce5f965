import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('villages', '0002_guards_hold_no_post'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RosterImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('filename', models.CharField(max_length=200, verbose_name='文件名')),
                ('sha256', models.CharField(editable=False, max_length=64, verbose_name='文件校验值')),
                ('source', models.BinaryField(default=b'')),
                ('preview', models.BinaryField(default=b'')),
                ('overrides', models.JSONField(blank=True, default=dict, verbose_name='列的对应')),
                ('counts', models.JSONField(blank=True, default=dict, verbose_name='结果')),
                ('state', models.CharField(choices=[('previewed', '待导入'), ('committed', '已导入'), ('discarded', '已放弃')], default='previewed', max_length=10, verbose_name='状态')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='上传时间')),
                ('committed_at', models.DateTimeField(blank=True, null=True, verbose_name='导入时间')),
                ('township', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='roster_imports', to='villages.unit', verbose_name='乡镇')),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='上传人')),
            ],
            options={
                'verbose_name': '名册导入',
                'verbose_name_plural': '名册导入',
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['previewed', 'committed', 'discarded'])), name='roster_import_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('committed_at__isnull', False), ('state', 'committed')), models.Q(models.Q(('state', 'committed'), _negated=True), ('committed_at', None)), _connector='OR'), name='roster_import_committed_at')],
            },
        ),
    ]
