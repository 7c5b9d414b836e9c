/** A data set to look at: rows as pictures, how many of each class, and who would get which. */
import type { DatasetPreview } from '../../../main/core/api.ts';
import { count } from '../../../main/core/display/format.ts';
import './data-preview.css';

const MAX_SHOWN_WORKERS = 16;

export function Samples({ preview }: { preview: DatasetPreview }) {
  const { rows, samples } = preview;
  return (
    <div className="preview-part">
      <div className="preview-head">
        <h3>Rows</h3>
        <span className="muted">
          {count(rows.train)} to train, {count(rows.validation)} to validate, {count(rows.test)} to test
        </span>
      </div>
      <ul className="samples">
        {samples.map(({ index, label, image }) => (
          <li key={index}>
            <img src={image} width={40} height={40} alt={`Row ${index}, class ${label}`} />
            <span aria-hidden>{label}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function ClassHistogram({ preview }: { preview: DatasetPreview }) {
  const most = Math.max(1, ...preview.histogram);
  return (
    <div className="preview-part">
      <div className="preview-head">
        <h3>Rows of each class</h3>
        <span className="muted">{preview.source}</span>
      </div>
      <ol className="histogram" start={0} aria-label="Rows of each class in the training set">
        {preview.histogram.map((rows, label) => (
          <li key={label} title={`class ${label}: ${count(rows)} rows`}>
            <span className="bar-room" aria-hidden>
              <span className="bar" style={{ height: `${(100 * rows) / most}%` }} />
            </span>
            <span className="unseen">
              class {label}: {count(rows)} rows
            </span>
            <span aria-hidden>{label}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

export function PartitionTable({ preview }: { preview: DatasetPreview }) {
  const more = preview.partition.length - MAX_SHOWN_WORKERS;
  const most = Math.max(1, ...preview.partition.flatMap(({ histogram }) => histogram));
  return (
    <div className="table-scroll" tabIndex={0} role="group" aria-label="Rows by worker and class">
      <table className="partition">
        <caption className="unseen">Rows of each class by worker</caption>
        <thead>
          <tr>
            <th scope="col">worker</th>
            <th scope="col" className="number">
              rows
            </th>
            {preview.histogram.map((_, label) => (
              <th key={label} scope="col" className="number">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {preview.partition.slice(0, MAX_SHOWN_WORKERS).map(({ worker, rows, histogram }) => (
            <tr key={worker}>
              <th scope="row">{worker}</th>
              <td className="number">{count(rows)}</td>
              {histogram.map((each, label) => (
                <td
                  key={label}
                  className="number heat"
                  style={{ '--heat': `${Math.round((40 * each) / most)}%` } as never}
                >
                  {count(each)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 && <p className="muted">and {count(more)} more</p>}
    </div>
  );
}
