"""Queries that return no rows while customer relations are whole."""

INVARIANTS: dict[str, str] = {
    "an opportunity stands at a stage of its own pipeline and ended as that stage says": """
        select o.tenant_id, o.id as opportunity_id
          from specie.crm_opportunity o
          join specie.crm_stage s on s.tenant_id = o.tenant_id and s.id = o.stage_id
         where s.pipeline_id <> o.pipeline_id or s.outcome <> o.outcome
    """,
    "the last move of an opportunity brought it to the stage where it stands": """
        select o.tenant_id, o.id as opportunity_id
          from specie.crm_opportunity o
          left join lateral (
               select m.to_stage from specie.crm_move m
                where m.tenant_id = o.tenant_id and m.opportunity_id = o.id order by m.version desc limit 1) m on true
         where m.to_stage is distinct from o.stage_id
    """,
    "every pipeline can be begun, won and lost": """
        select p.tenant_id, p.id as pipeline_id
          from specie.crm_pipeline p
         where (select count(distinct s.outcome) from specie.crm_stage s
                 where s.tenant_id = p.tenant_id and s.pipeline_id = p.id) <> 3
    """,
    "nothing is left with a customer that goes on as another": """
        select m.tenant_id, m.merged_id as party_id
          from specie.crm_merge m
         where m.undone_at is null
           and (exists (select from specie.crm_opportunity o
                         where o.tenant_id = m.tenant_id and o.party_id = m.merged_id)
             or exists (select from specie.crm_note n where n.tenant_id = m.tenant_id and n.party_id = m.merged_id)
             or exists (select from specie.crm_activity a
                         where a.tenant_id = m.tenant_id and a.party_id = m.merged_id)
             or exists (select from specie.crm_file f where f.tenant_id = m.tenant_id and f.party_id = m.merged_id))
    """,
    "a customer that goes on as another is nobody's survivor": """
        select m.tenant_id, m.id as merge_id
          from specie.crm_merge m
          join specie.crm_merge further
            on further.tenant_id = m.tenant_id and further.survivor_id = m.merged_id and further.undone_at is null
         where m.undone_at is null
    """,
}
