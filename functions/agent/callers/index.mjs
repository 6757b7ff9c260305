// A Lambda function in Node with the agent's layer.
export const handler = async (event) => {
  const answer = await fetch(`http://127.0.0.1:2774/v1/apps/reports/grants/${event.org}/token`, {
    headers: { Authorization: `Bearer ${process.env.AWS_SESSION_TOKEN}` },
  });
  const { access_token: token } = await answer.json();
  return { characters: token.length };
};
