/**
 * The limit of the machine: bare node:http that parses the form and answers fixed JSON.
 *
 * @module
 */

import { createServer } from 'node:http';
import { answerJson, fixedAnswer, withForm } from './fixed-answer.ts';

createServer((req, res) => {
  withForm(req, (form) => {
    const isAsked = req.method === 'GET' || form.get('token') !== null;
    answerJson(res, isAsked ? fixedAnswer : '{"active":false}');
  });
}).listen(Number(process.env['PORT']), '127.0.0.1');
