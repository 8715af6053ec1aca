// Prints every completion as a line of JSON: AMQP_URL=amqp://user:password@broker/vhost node subscribe.mjs my-queue
import { connect } from 'amqplib';

const queue = process.argv[2];
const connection = await connect(process.env.AMQP_URL);
const channel = await connection.createChannel();
await channel.assertExchange('hokify.import-completed', 'fanout', { durable: true });
await channel.assertQueue(queue, { durable: true });
await channel.bindQueue(queue, 'hokify.import-completed', '');
await channel.prefetch(10);
await channel.consume(queue, delivery => {
  if (delivery === null) throw new Error(`the queue ${queue} was deleted`);
  const completed = JSON.parse(delivery.content).message;

  // The same event may come again, with the same message id: skip the ones you have seen.
  console.log(JSON.stringify({ messageId: delivery.properties.messageId, ...completed }));
  channel.ack(delivery);
});
