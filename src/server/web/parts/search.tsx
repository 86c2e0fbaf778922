/** Narrows the tables of a page as one types; submitted, it reloads the page with `?search=` (web section 4). */
export const SearchBox = ({ label, value }: { label: string; value: string }) => (
  <form class="p-search-box" role="search" method="get">
    <label class="visually-hidden" for="search">
      {label}
    </label>
    <input id="search" type="search" name="search" placeholder={label} value={value} autocomplete="off" />
    <button type="submit">Search</button>
  </form>
);

/** Is a row among those that the search is for? */
export const matches = (search: string, texts: readonly (string | undefined)[]): boolean =>
  search === "" || texts.some((text) => text?.toLowerCase().includes(search.toLowerCase()));
