// Asks for an import: AMQP_URL=amqp://user:password@broker/vhost node publish.mjs '{"scopeId":1,"idempotencyKey":"nightly"}'
import { connect } from 'amqplib';

const connection = await connect(process.env.AMQP_URL);
const channel = await connection.createConfirmChannel();
await new Promise((resolve, reject) => {
  channel.on('error', reject);
  channel.on('return', () => reject(new Error('no queue is bound to hokify.import-requested: nobody received the request')));
  channel.publish(
    'hokify.import-requested', '', Buffer.from(process.argv[2]),
    { contentType: 'application/json', persistent: true, mandatory: true },
    error => (error ? reject(error) : resolve()));
});
await connection.close();
