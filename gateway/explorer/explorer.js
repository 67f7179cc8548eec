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

  function ask(body) {
    return fetch("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
  }

  async function fetcher(asked) {
    // For a moment after a tab is opened GraphiQL still names the operation of the one before.
    const names = [...asked.query.matchAll(/^\s*(?:query|mutation)\s+(\w+)/gm)].map(([, name]) => name);
    const body = names.length === 1 ? { ...asked, operationName: names[0] } : asked;
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
  function onTabChange({ tabs, activeTabIndex }) {
    const name = tabs[activeTabIndex]?.title;
    if (name === active) return;
    active = name;
    const example = examples.find((each) => each.name === name);
    if (example) choose(example.role);
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
