/** Opens GraphiQL on the page: one tab an example, asked as the viewer chosen in the header. */

(async () => {
  const $ = (id) => document.getElementById(id);
  const fetchJson = (path) => fetch(path).then((response) => (response.ok ? response.json() : null));
  let [viewers, examples] = await Promise.all([fetchJson("/explorer/viewers"), fetchJson("/explorer/examples")]);
  let token = null;

  /** Only how the page looks is kept in the browser: queries, variables and answers may be about a person. */
  const storage = {
    length: 0,
    clear() {},
    getItem: (key) => (key === "graphiql:theme" ? localStorage.getItem(key) : null),
    setItem: (key, value) => key === "graphiql:theme" && localStorage.setItem(key, value),
    removeItem: (key) => key === "graphiql:theme" && localStorage.removeItem(key),
  };

  function ask(body, { accept = "application/json", signal } = {}) {
    return fetch("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", accept, authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
      signal,
    });
  }

  /** The events of a subscription as they are told, over `fetch`, so that the token goes with them. */
  function subscribed(body) {
    const stop = new AbortController();
    const events = (async function* () {
      const response = await ask(body, { accept: "text/event-stream", signal: stop.signal });
      if (!response.ok) return yield await response.json();
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let text = ""; ; ) {
        const { done, value } = await reader.read();
        if (done) return;
        text += value;
        for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
          const data = text.slice(0, end).match(/^data: (.+)$/m)?.[1];
          text = text.slice(end + 2);
          if (data !== undefined) yield JSON.parse(data);
        }
      }
    })();
    // Whoever stops does not wait for the next event.
    return {
      next: () => events.next().catch((fault) => (stop.signal.aborted ? { done: true } : Promise.reject(fault))),
      return() {
        stop.abort();
        return Promise.resolve({ done: true });
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  function fetcher(asked) {
    // For a moment after a tab is opened GraphiQL still names the operation of the one before.
    const operations = [...asked.query.matchAll(/^\s*(query|mutation|subscription)\b\s*(\w*)/gm)];
    const names = operations.flatMap(([, , name]) => name || []);
    const body = names.length === 1 ? { ...asked, operationName: names[0] } : asked;
    const asks = operations.find(([, , name]) => operations.length === 1 || name === body.operationName);
    return asks?.[1] === "subscription" ? subscribed(body) : answered(body);
  }

  async function answered(body) {
    let response = await ask(body);
    if (response.status === 401 && viewers) {
      // Ready-made tokens last a working day; the page may have been open for longer.
      viewers = await fetchJson("/explorer/viewers");
      choose($("role").value);
      response = await ask(body);
    }
    return response.json();
  }

  function choose(role) {
    const viewer = viewers?.find((each) => each.role === role);
    if (!viewer) return;
    $("role").value = role;
    $("reaches").textContent = viewer.reaches;
    token = viewer.token;
  }

  /** An example is about what one role sees, so opening its tab chooses that role. */
  let active = null;
  let shown = examples[0];
  function onTabChange({ tabs, activeTabIndex }) {
    shown = tabs[activeTabIndex] ?? shown;
    const name = tabs[activeTabIndex]?.title;
    if (name === active) return;
    active = name;
    const example = examples.find((each) => each.name === name);
    if (example) choose(example.role);
  }

  /** How what stands in the tab would be executed; only where viewers are ready-made is anybody let see it. */
  async function showPlan() {
    const written =
      typeof shown.variables === "string" ? shown.variables.trim() || "{}" : JSON.stringify(shown.variables);
    const response = await fetch("/explorer/plan", {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: `{"query":${JSON.stringify(shown.query ?? "")},"variables":${written}}`,
    });
    $("plan-view").querySelector("pre").textContent = await response.text();
    $("plan-view").showModal();
  }

  let root = null;
  function open() {
    root?.unmount();
    root = ReactDOM.createRoot($("graphiql"));
    const tabs = examples.map(({ query, variables }) => ({ query, variables: JSON.stringify(variables, null, 2) }));
    root.render(
      React.createElement(GraphiQL, {
        fetcher,
        storage,
        defaultTabs: tabs,
        defaultQuery: tabs[0]?.query,
        // GraphiQL takes the variables of every tab but the one it opens with from the tabs.
        variables: tabs[0]?.variables,
        onTabChange,
        isHeadersEditorEnabled: false,
        shouldPersistHeaders: false,
        defaultEditorToolsVisibility: "variables",
      }),
    );
  }

  if (viewers) {
    for (const { role, name } of viewers) {
      const words = role.toLowerCase().replaceAll("_", " ");
      $("role").add(new Option(`${words.charAt(0).toUpperCase()}${words.slice(1)} · ${name}`, role));
    }
    $("role").addEventListener("change", (event) => choose(event.target.value));
    choose(examples[0]?.role ?? viewers[0].role);
    $("viewer").hidden = false;
    $("plan").hidden = false;
    $("plan").addEventListener("click", showPlan);
    open();
  } else {
    $("sign-in").hidden = false;
    $("graphiql").firstElementChild.textContent = "Paste a bearer token above to begin.";
    $("token").addEventListener("change", (event) => {
      token = event.target.value.trim();
      if (token) open();
    });
  }
})();
