// Sends back every "ping" and dies without a goodbye on "exit". Runs on the built package.
import { workerData } from 'node:worker_threads';
import { Communicator, threadTransport } from '@tacit/comm';

const comm = new Communicator(threadTransport(workerData));
comm.onKey(0, 'ping', (payload) => comm.send(0, 'pong', payload));
comm.onKey(0, 'exit', () => process.exit(1));
