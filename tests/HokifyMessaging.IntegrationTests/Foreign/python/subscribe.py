"""Prints every event as a line of JSON: AMQP_URL=amqp://user:password@broker/vhost python3 subscribe.py my-queue"""
import json
import os
import sys

import pika

queue = sys.argv[1]
connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
channel = connection.channel()
channel.queue_declare(queue, durable=True)
for exchange in ("hokify.import-completed", "hokify.import-failed"):
    channel.exchange_declare(exchange, "fanout", durable=True)
    channel.queue_bind(queue, exchange)

# The same event may come again, with the same message id. A real subscriber keeps the ids where it keeps what it does with the events.
seen = set()
channel.basic_qos(prefetch_count=10)
for delivery, properties, body in channel.consume(queue):
    envelope = json.loads(body)
    if envelope["messageId"] not in seen:
        seen.add(envelope["messageId"])
        event = "failed" if "urn:message:hokify:import-failed:v1" in envelope["messageType"] else "completed"
        print(json.dumps({"event": event, "messageId": envelope["messageId"], **envelope["message"]}), flush=True)
    channel.basic_ack(delivery.delivery_tag)
