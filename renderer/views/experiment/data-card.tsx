import { useEffect, useState } from 'react';
import type { DatasetPreview } from '../../../main/core/api.ts';
import type { ErrorReport } from '../../../main/core/errors.ts';
import { Card } from '../../components/card.tsx';
import { Skeleton } from '../../components/empty-state.tsx';
import { SelectField } from '../../components/field.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { ask } from '../../state/control-plane.ts';
import { inventory } from '../../state/devices.ts';
import { useStore } from '../../state/store.ts';
import { useCatalogue } from './catalogue.ts';
import { ClassHistogram, PartitionTable, Samples } from './data-preview.tsx';
import { isObject, setField } from './draft.ts';
import { DraftNumber, DraftText, useDraft } from './draft-fields.tsx';
import { fieldName } from './field-names.ts';
import { fieldInTheWay, previewedWorkers } from './preview-request.ts';
import { issueText, seenRows, useIssues } from './validation.ts';

const QUIET_MS = 300;

export function DataCard() {
  const known = useCatalogue();
  const name = useDraft('dataset.name');
  const issues = useIssues();
  const entry = known?.datasets.find((each) => each.name === name);
  return (
    <Card title="Data set" note={entry?.description}>
      <div className="fields">
        <SelectField
          label="Data set"
          value={typeof name === 'string' ? name : ''}
          options={(known?.datasets ?? []).map((each) => ({
            value: each.name,
            label: each.available ? each.name : `${each.name} (files not found)`,
          }))}
          error={issueText(issues, 'dataset.name')}
          onChange={(chosen) => setField('dataset', { name: chosen })}
        />
        <DraftNumber path="dataset.trainRows" label="Training rows" unit="rows" fallback="all" />
        <DraftNumber path="dataset.testRows" label="Test rows" unit="rows" fallback="all" />
        {entry?.needsFiles === true && (
          <DraftText path="dataset.dataDir" label="Folder of its files" hint="Empty: the one in the settings." />
        )}
      </div>
      {entry?.problem && <ErrorNotice compact title={`${entry.name} was not found`} error={entry.problem} />}
      <Preview />
    </Card>
  );
}

type Shares = 'equal' | 'speed';

function Preview() {
  const dataset = useDraft('dataset');
  const seed = useDraft('seed');
  const validationRows = useDraft('validationRows');
  const local = useDraft('workers.local');
  const speeds = useDraft('workers.speeds');
  const chosen = useDraft('workers.devices');
  const trainRows = useDraft('dataset.trainRows');
  const testRows = useDraft('dataset.testRows');
  const { devices } = useStore(inventory);
  const [shares, setShares] = useState<Shares>('equal');
  const [preview, setPreview] = useState<DatasetPreview | null>(null);
  const [error, setError] = useState<ErrorReport | null>(null);
  const [busy, setBusy] = useState(true);

  const inTheWay = fieldInTheWay({
    'dataset.trainRows': trainRows,
    'dataset.testRows': testRows,
    seed,
    validationRows,
  });
  const { workers, areComparable } = previewedWorkers({ local, speeds, chosen }, devices ?? [], shares);
  const request = JSON.stringify({
    dataset: isObject(dataset) ? dataset : { name: dataset },
    ...(typeof seed === 'number' ? { seed } : {}),
    ...(typeof validationRows === 'number' ? { validationRows } : {}),
    samples: 20,
    workers,
  });
  useEffect(() => {
    if (inTheWay !== null) return;
    let current = true;
    const timer = setTimeout(() => {
      setBusy(true);
      void ask('experiment.previewDataset', JSON.parse(request) as never).then((answer) => {
        if (!current) return;
        setBusy(false);
        setError(answer.ok ? null : answer.error);
        if (!answer.ok) return;
        setPreview(answer.value);
        seenRows.set(JSON.stringify([answer.value.name, answer.value.rows]));
      });
    }, QUIET_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [request, inTheWay]);

  if (inTheWay !== null) return <p className="muted">Its rows are shown once {fieldName(inTheWay)} is right.</p>;
  if (error !== null) return <ErrorNotice compact title="No preview" error={error} />;
  if (preview === null) return <Skeleton label="Opening the data set" lines={4} />;
  return (
    <div className="preview" aria-busy={busy}>
      <Samples preview={preview} />
      <ClassHistogram preview={preview} />
      {preview.partition.length > 0 && (
        <div className="preview-part">
          <div className="preview-head">
            <h3>Who gets which rows at the start</h3>
            {areComparable && (
              <Segmented<Shares>
                label="Shares"
                value={shares}
                onChange={setShares}
                options={[
                  { value: 'equal', label: 'equal' },
                  { value: 'speed', label: 'by speed' },
                ]}
              />
            )}
          </div>
          <PartitionTable preview={preview} />
        </div>
      )}
    </div>
  );
}
