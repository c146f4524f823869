import { BooksPage } from "@/features/ledger/books-page";

export default function Page() {
  return <BooksPage />;
}
