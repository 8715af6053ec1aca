"""Prints every completion as a line of JSON: AMQP_URL=amqp://user:password@broker/vhost python3 subscribe.py my-queue"""
import json
import os
import sys

import pika

queue = sys.argv[1]
connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
channel = connection.channel()
channel.exchange_declare("hokify.import-completed", "fanout", durable=True)
channel.queue_declare(queue, durable=True)
channel.queue_bind(queue, "hokify.import-completed")
channel.basic_qos(prefetch_count=10)
for delivery, properties, body in channel.consume(queue):
    completed = json.loads(body)["message"]

    # The same event may come again, with the same message id: skip the ones you have seen.
    print(json.dumps({"messageId": properties.message_id, **completed}), flush=True)
    channel.basic_ack(delivery.delivery_tag)
