// Streamlit calls this at each rerun of the page; one listener is enough.
export default function ({ parentElement, setStateValue }) {
  if (parentElement.listens) return;
  parentElement.listens = true;
  const tell = () => setStateValue("hidden", document.hidden);
  document.addEventListener("visibilitychange", tell);
  return () => document.removeEventListener("visibilitychange", tell);
}
