/** The head of a table of names and amounts: what is named, then a column for each amount, all to the right. */
export function AmountsHead({ named, amounts }: { named: string; amounts: string[] }) {
  return (
    <thead>
      <tr className="border-rule border-b text-start text-soft text-xs">
        <th scope="col" className="px-4 py-2 font-medium">
          {named}
        </th>
        {amounts.map((amount) => (
          <th key={amount} scope="col" className="px-4 py-2 text-end font-medium">
            {amount}
          </th>
        ))}
      </tr>
    </thead>
  );
}
