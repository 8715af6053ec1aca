// Prints every event as a line of JSON: AMQP_URL=amqp://user:password@broker/vhost node subscribe.mjs my-queue
import { connect } from 'amqplib';

const queue = process.argv[2];
const connection = await connect(process.env.AMQP_URL);
const channel = await connection.createChannel();
await channel.assertQueue(queue, { durable: true });
for (const exchange of ['hokify.import-completed', 'hokify.import-failed']) {
  await channel.assertExchange(exchange, 'fanout', { durable: true });
  await channel.bindQueue(queue, exchange, '');
}

// The same event may come again, with the same message id. A real subscriber keeps the ids where it keeps what it does with the events.
const seen = new Set();
await channel.prefetch(10);
await channel.consume(queue, delivery => {
  if (delivery === null) throw new Error(`the queue ${queue} was deleted`);
  const { messageId, messageType, message } = JSON.parse(delivery.content);
  if (!seen.has(messageId)) {
    seen.add(messageId);
    const event = messageType.includes('urn:message:hokify:import-failed:v1') ? 'failed' : 'completed';
    console.log(JSON.stringify({ event, messageId, ...message }));
  }
  channel.ack(delivery);
});
