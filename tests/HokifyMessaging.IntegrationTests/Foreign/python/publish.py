"""Asks for an import: AMQP_URL=amqp://user:password@broker/vhost python3 publish.py '{"scopeId":1,"idempotencyKey":"nightly"}'"""
import os
import sys

import pika

connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
channel = connection.channel()
channel.confirm_delivery()
channel.basic_publish(
    exchange="hokify.import-requested",
    routing_key="",
    body=sys.argv[1].encode(),
    properties=pika.BasicProperties(content_type="application/json", delivery_mode=2),
    mandatory=True,  # raises UnroutableError when nobody receives the request
)
connection.close()
